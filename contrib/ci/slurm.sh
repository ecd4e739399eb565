#!/bin/sh
#SBATCH --job-name=old-software
#SBATCH --array=1-8
#SBATCH --cpus-per-task=2
#SBATCH --output=report/%a.tap
# Tests in as many parts as the array has tasks: mkdir report; sbatch slurm.sh DIR
set -eu
exec "${REPRISE:-reprise}" test -j "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
    --junit "report/$SLURM_ARRAY_TASK_ID.xml" --html "report/$SLURM_ARRAY_TASK_ID.html" \
    --output report "${@:-tests}"

#!/bin/bash
# Make bootable Linux and tool images for the PC emulator from Debian packages.
#
#   tests/guests/make-linux.sh OUTDIR [probe] [installer] [tools]      (default: all three)
#
# Needs: dpkg, apt-get (with the i386 architecture added:  dpkg --add-architecture i386 &&
# apt-get update), cpio, xz, mtools, xorriso, syslinux, isolinux, syslinux-common, awk.
# Packages are downloaded with apt-get into OUTDIR/deb and unpacked with dpkg -x; nothing
# is installed.  OUTDIR must be outside the repository.
#
# Made in OUTDIR:
#   probe.img       hard disk (FAT16, syslinux): Debian i386 kernel + busybox + our /init, which
#                   loads drivers, prints a device report on COM1 and the screen, checks the CPU
#                   and powers off.  Last line of the report: "PROBE-DONE cpu=OK".
#   probe.iso       the same from a CD-ROM (El Torito, isolinux)
#   probe.vmlinuz, probe.initrd    its parts (for a direct -kernel boot)
#   installer.iso   Debian installer (text), netboot kernel and initrd, i386
#   installer.img   the same on a hard disk
#   memtest.iso, memtest.img       memtest86+ (32 bit): CD-ROM and floppy (syslinux)
#   grub-floppy.img, grub-cdrom.iso  GRUB rescue images
#   ipxe.iso, ipxe-floppy.img      iPXE: CD-ROM, floppy (syslinux + ipxe.lkrn)
set -euo pipefail
out=${1:?OUTDIR}
shift || true
what=${*:-probe installer tools}
case $what in all) what="probe installer tools" ;; esac
mkdir -p "$out/deb" "$out/x"
out=$(cd "$out" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
export MTOOLS_SKIP_CHECK=1

get() { # get PACKAGE[:ARCH] [NAME] -> unpacked in $out/x/NAME (PACKAGE)
  local p=$1 d=$out/x/${2:-${1%%:*}}
  [[ -d $d ]] && return
  (cd "$out/deb" && rm -f "${p%%:*}"_*.deb && apt-get download -q "$p" >&2)
  mkdir -p "$d"
  dpkg -x "$out/deb/${p%%:*}"_*.deb "$d"
}

syslinux_floppy() { # syslinux_floppy IMAGE CONFIG FILE...
  local img=$1 cfg=$2
  shift 2
  rm -f "$img"
  mformat -C -f 1440 -v GUEST -N 20240101 -i "$img" ::
  printf '%b' "$cfg" >"$out/x/syslinux.cfg"
  mcopy -i "$img" "$out/x/syslinux.cfg" ::SYSLINUX.CFG
  mcopy -i "$img" "$@" ::
  syslinux --install "$img"
}

make_iso() { # make_iso IMAGE CONFIG FILE...
  local img=$1 cfg=$2 d
  d=$(mktemp -d)
  shift 2
  mkdir -p "$d/isolinux"
  cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$d/isolinux/"
  printf '%b' "$cfg" >"$d/isolinux/isolinux.cfg"
  cp "$@" "$d/"
  xorriso -as mkisofs -quiet -V GUEST -o "$img" -b isolinux/isolinux.bin -c isolinux/boot.cat \
    -no-emul-boot -boot-load-size 4 -boot-info-table "$d"
  rm -rf "$d"
}

probe() {
  local kpkg kver root bb run m x
  kpkg=$(apt-cache depends linux-image-686:i386 | awk '/Depends: linux-image/ { print $2; exit }')
  get "$kpkg"
  get busybox-static:i386
  x=$out/x/${kpkg%%:*}
  kver=${kpkg%%:*}
  kver=${kver#linux-image-}
  bb=$out/x/busybox-static/bin/busybox
  # What runs here: the same program, unless this machine has no 32-bit code.
  run=$bb
  if ! "$run" true 2>/dev/null; then
    get busybox-static:amd64 busybox-here
    run=$out/x/busybox-here/bin/busybox
  fi
  root=$out/x/root
  rm -rf "$root"
  mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc,lib/modules/"$kver"/kernel}
  cp "$bb" "$root/bin/busybox"
  for m in sh; do ln -s busybox "$root/bin/$m"; done
  # Only the modules that the probe loads, with what they need.
  local want="ata_piix pata_legacy pata_isapnp ata_generic sd_mod sr_mod isofs vfat nls_cp437 nls_ascii
    floppy psmouse sermouse evdev serio_raw snd-sb16 snd-sb8 snd-opl3-synth snd-ens1371 snd-pcm-oss snd-mixer-oss
    ne2k-pci ne pcnet32 3c509 8139too tulip lm78 lm75 i2c-piix4 i2c-dev battery ac button thermal apm
    vga16fb bochs parport_pc lp ppdev pcspkr rtc-cmos nvram ext4 joydev uhci-hcd af_packet msr cpuid"
  mkdir -p "$out/x/mods/lib/modules"
  rm -rf "$out/x/mods/lib/modules/$kver"
  cp -r "$x/lib/modules/$kver" "$out/x/mods/lib/modules/"
  # busybox's depmod lists what each module needs
  (cd "$out/x/mods" && "$run" depmod -b "$out/x/mods" "$kver" 2>/dev/null) || true
  local dep=$out/x/mods/lib/modules/$kver/modules.dep
  for m in $want; do
    awk -v m="$m" -F: '{ n = $1; sub(".*/", "", n); sub("\\.ko$", "", n); gsub("_", "-", n); gsub("_", "-", m)
        if (n == m) { print $1; k = split($2, a, " "); for (i = 1; i <= k; i++) print a[i] } }' "$dep"
  done | sed "s#^.*lib/modules/$kver/##" | sort -u | while read -r f; do
    [[ -f $x/lib/modules/$kver/$f ]] || continue
    mkdir -p "$root/lib/modules/$kver/$(dirname "$f")"
    cp "$x/lib/modules/$kver/$f" "$root/lib/modules/$kver/$f"
    # signatures and symbols only cost space
    strip --strip-debug "$root/lib/modules/$kver/$f" 2>/dev/null || true
  done
  cp "$x/lib/modules/$kver"/modules.{builtin,order} "$root/lib/modules/$kver/" 2>/dev/null || true
  "$run" depmod -b "$root" "$kver"
  cp "$here/probe-init.sh" "$root/init"
  cp "$here/probe-cpu.sh" "$root/cpu.sh"
  chmod +x "$root/init" "$root/cpu.sh"
  # What the CPU check has to print, made by the same program on this machine.
  (cd "$out/x" && "$run" sh "$here/probe-cpu.sh" "$run" >"$root/cpu.expected")
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -9n) >"$out/probe.initrd"
  cp "$x/boot/vmlinuz-$kver" "$out/probe.vmlinuz"

  local args="console=tty0 console=ttyS0,115200 panic=5 nokaslr"
  local cfg="DEFAULT p\nPROMPT 0\nSERIAL 0 115200\nSAY Loading the probe\nLABEL p\n KERNEL VMLINUZ\n APPEND initrd=INITRD.GZ $args\n"
  cp "$out/probe.vmlinuz" "$out/x/VMLINUZ"
  cp "$out/probe.initrd" "$out/x/INITRD.GZ"
  local icfg=${cfg//VMLINUZ/\/VMLINUZ}
  make_iso "$out/probe.iso" "${icfg//INITRD.GZ/\/INITRD.GZ}" "$out/x/VMLINUZ" "$out/x/INITRD.GZ"
  "$here/linux-disk.sh" "$out/probe.img" "$out/probe.vmlinuz" "$out/probe.initrd" "$args"
  ls -l "$out"/probe.* >&2
}

installer() {
  local d
  get debian-installer-12-netboot-i386
  d=$out/x/debian-installer-12-netboot-i386/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386
  cp "$d/linux" "$out/x/LINUX"
  cp "$d/initrd.gz" "$out/x/INITRD.GZ"
  make_iso "$out/installer.iso" \
    'DEFAULT p\nPROMPT 0\nLABEL p\n KERNEL /LINUX\n APPEND initrd=/INITRD.GZ vga=normal fb=false console=ttyS0,115200 console=tty0 priority=low\n' \
    "$out/x/LINUX" "$out/x/INITRD.GZ"
  "$here/linux-disk.sh" "$out/installer.img" "$d/linux" "$d/initrd.gz" \
    'vga=normal fb=false console=ttyS0,115200 console=tty0 priority=low'
  ls -l "$out"/installer.* >&2
}

tools() {
  get memtest86+
  get grub-rescue-pc
  get ipxe
  cp "$out/x/memtest86+/usr/lib/memtest86+/memtest86+ia32.iso" "$out/memtest.iso"
  cp "$out/x/memtest86+/boot/memtest86+ia32.bin" "$out/x/MEMTEST"
  syslinux_floppy "$out/memtest.img" 'DEFAULT m\nPROMPT 0\nLABEL m\n KERNEL MEMTEST\n APPEND console=ttyS0,115200\n' "$out/x/MEMTEST"
  cp "$out/x/grub-rescue-pc/usr/lib/grub-rescue/grub-rescue-floppy.img" "$out/grub-floppy.img"
  cp "$out/x/grub-rescue-pc/usr/lib/grub-rescue/grub-rescue-cdrom.iso" "$out/grub-cdrom.iso"
  cp "$out/x/ipxe/usr/lib/ipxe/ipxe.iso" "$out/ipxe.iso"
  cp "$out/x/ipxe/boot/ipxe.lkrn" "$out/x/IPXE.KRN" # its usr/lib/ipxe has a link to /boot
  syslinux_floppy "$out/ipxe-floppy.img" 'DEFAULT i\nPROMPT 0\nLABEL i\n KERNEL IPXE.KRN\n' "$out/x/IPXE.KRN"
  ls -l "$out"/memtest.* "$out"/grub-* "$out"/ipxe* >&2
}

for w in $what; do "$w"; done

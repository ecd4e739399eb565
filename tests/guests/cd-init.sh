#!/bin/sh
# /init of a Linux that starts from CD-ROM and reads the disc: the lines on the
# screen are sums that the host compares.  Needs busybox and modules in the initrd.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2> /dev/null
exec > /dev/tty0 2>&1
modprobe pata_legacy all=1
modprobe sr_mod
modprobe isofs
n=0
while [ ! -b /dev/sr0 ] && [ $n -lt 20 ]; do
    sleep 1
    n=$((n + 1))
done
dmesg | grep -E 'ata[0-9]|sr ?0|cdrom' > /dev/ttyS0
echo "CD-DISC $(sha256sum < /dev/sr0 | cut -d ' ' -f 1)"
mkdir -p /cd
mount -t iso9660 -o ro /dev/sr0 /cd && echo CD-MOUNTED
for f in /cd/*; do
    [ -f "$f" ] && echo "CD-FILE $(sha256sum < "$f" | cut -d ' ' -f 1)"
done
umount /cd
# No eject in busybox: the driver does it when the drive is closed, and loads the
# disc when it is opened.
read_one() {
    dd if=/dev/sr0 of=/dev/null bs=2048 count=1 2> /dev/null
}
cd=/proc/sys/dev/cdrom
echo 0 > $cd/autoclose
echo 1 > $cd/autoeject
read_one && echo CD-CLOSED
read_one || echo CD-EJECTED
echo 0 > $cd/autoeject
echo 1 > $cd/autoclose
read_one # opening loads the disc; what is new is told once, and fails the first reads
read_one && echo CD-LOADED
echo "CD-AGAIN $(sha256sum < /dev/sr0 | cut -d ' ' -f 1)"
echo CD-DONE
sleep 100

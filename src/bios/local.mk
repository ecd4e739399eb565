include src/bios/vga/local.mk

noinst_LIBRARIES += libhw.a
libhw_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS)
libhw_a_SOURCES =
libhw_a_SOURCES += src/hw/pic8259.c src/hw/pic8259.h

# Storage.
libhw_a_SOURCES += src/hw/ata.h src/hw/ata_internal.h src/hw/ata_channel.c \
    src/hw/ata_disk.c src/hw/ata_disk.h src/hw/ata_settings.c src/hw/ata_identify.c \
    src/hw/atapi.c src/hw/atapi.h src/hw/atapi_command.c src/hw/atapi_info.c


libhw_a_SOURCES += \
    src/hw/vga.c src/hw/vga.h src/hw/vga_priv.h \
    src/hw/vga_attr.c \
    src/hw/vga_crtc.c \
    src/hw/vga_dac.c \
    src/hw/vga_gfx.c \
    src/hw/vga_mem.c \
    src/hw/vga_render.c \
    src/hw/vga_seq.c

# Serial, parallel and the ports of no chip.
libhw_a_SOURCES += \
    src/hw/parport.c src/hw/parport.h \
    src/hw/poweroff.c src/hw/poweroff.h \
    src/hw/testports.c src/hw/testports.h \
    src/hw/uart16550.c src/hw/uart16550.h
libhw_a_SOURCES += src/hw/pit8254.c src/hw/pit8254.h
libhw_a_SOURCES += src/hw/portb.c src/hw/portb.h src/hw/port92.c src/hw/port92.h
libhw_a_SOURCES += src/hw/dma8237.c src/hw/dma8237.h
libhw_a_SOURCES += src/hw/rtc.c src/hw/rtc.h

libhw_a_SOURCES += src/hw/fdc82077.h src/hw/fdc_internal.h src/hw/fdc82077.c \
    src/hw/fdc_command.c src/hw/fdc_data.c src/hw/fdc_stream.c src/hw/fdc_drive.c
libhw_a_SOURCES += src/hw/kbc8042.c src/hw/kbc8042.h src/hw/ps2_wire.h src/hw/ps2_keyboard.c src/hw/ps2_keyboard.h src/hw/ps2_keyboard_codes.c src/hw/ps2_keyboard_codes.h src/hw/ps2_mouse.c src/hw/ps2_mouse.h

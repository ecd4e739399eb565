/* Lines of text in a box, drawn with the firmware's characters. */
#ifndef HOST_PANEL_H
#define HOST_PANEL_H

#include <stdint.h>

enum { PANEL_COLUMNS = 72, PANEL_LINES = 30 };

struct panel {
    unsigned width, height; /* pixels; 0: nothing to show */
    uint32_t *pixel;        /* ARGB; owned */
};

/*
 * `text` is ASCII with line ends; what does not fit PANEL_COLUMNS goes on in
 * the next line, after PANEL_LINES it is cut.  "" empties the panel.
 */
void panel_draw(struct panel *p, const char *text);
void panel_free(struct panel *p);

#endif

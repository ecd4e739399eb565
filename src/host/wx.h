/* No memory that could be both written and executed at one address. */
#ifndef HOST_WX_H
#define HOST_WX_H

#include <stdbool.h>

/*
 * From now on the kernel refuses every mapping of that kind, to the libraries that a window
 * brings along too, and to the process's children.  False: it cannot be asked to (no
 * libseccomp, or a kernel without the filter).
 */
bool wx_refuse(void);

#endif

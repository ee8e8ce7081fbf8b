// The probe's and the worker's Python files, as bytes of the executable.
#ifndef PYTHON_PROBE_H
#define PYTHON_PROBE_H

#include <stddef.h>

struct python_probe_file {
    /// Relative to Sources/PythonProbe.
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

size_t python_probe_file_count(void);

/// The index must be below the count.
const struct python_probe_file *python_probe_file_at(size_t index);

#endif

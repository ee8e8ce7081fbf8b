/// What every zygote has imported, whatever a function asks for: the worker, the probe, asyncio and what these need.
///
/// Those that are there with every interpreter that handlers can be run on; a test holds the list to the zygotes.
enum ZygoteModules {
    static func contains(_ module: String) -> Bool { always.contains(module) || module.hasPrefix("asyncio.") }

    static let always: Set<String> = [
        "abc", "array", "asyncio", "atexit", "base64", "binascii", "bisect", "codecs", "collections",
        "collections.abc", "concurrent", "concurrent.futures", "contextlib", "contextvars", "copyreg", "ctypes", "dis",
        "enum", "errno", "faulthandler", "fcntl", "functools", "gc", "heapq", "importlib", "importlib.machinery",
        "inspect", "io", "itertools", "json", "json.decoder", "json.encoder", "keyword", "linecache", "logging",
        "math", "mmap", "opcode", "operator", "os", "os.path", "random", "re", "reprlib", "resource", "select",
        "selectors", "signal", "socket", "ssl", "stat", "string", "struct", "subprocess", "threading", "time", "token",
        "tokenize", "traceback", "types", "typing", "warnings", "weakref",
    ]
}

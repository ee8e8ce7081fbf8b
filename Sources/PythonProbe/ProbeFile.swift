internal import CPythonProbe

/// The Python files that a worker is started from: the bootstrap, the probe and the worker.
package struct ProbeFile: Hashable, Sendable {
    /// Relative to the folder that holds the bootstrap; with `/`.
    package let name: String
    package let bytes: [UInt8]

    /// The file that is run.
    package static let bootstrap = "bootstrap.py"
    /// The argument with which that starts awslambdaric under the probe, rather than a worker.
    package static let observing = "ric"

    /// All of them, as they were when this executable was built.
    package static let all: [Self] = (0..<python_probe_file_count()).compactMap { index in
        guard let file = python_probe_file_at(index)?.pointee, let name = file.name, let bytes = file.bytes else {
            return nil
        }
        return Self(
            name: String(cString: name),
            bytes: Array(UnsafeBufferPointer(start: bytes, count: file.size))
        )
    }
}

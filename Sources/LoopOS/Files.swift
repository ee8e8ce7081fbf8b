internal import Glibc

/// What tells one version of a file from another without reading it.
package struct FileStamp: Hashable, Sendable {
    /// Of the last change of the content, in nanoseconds since 1970-01-01 UTC.
    package var modified: Int64
    /// In bytes.
    package var size: Int64
    package var inode: UInt64
    package var isFolder: Bool

    /// Follows symbolic links; nil when there is no such file, or it cannot be reached.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        size = Int64(status.st_size)
        inode = UInt64(status.st_ino)
        isFolder = status.st_mode & S_IFMT == S_IFDIR
    }

    /// The number of the user who owns it; nil when there is no such file.
    static func owner(of path: String) -> UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_uid : nil
    }
}

/// Calls on files by path.
package enum File {
    package static func canExecute(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// Whether it is this user's, and nobody else may write to it.
    package static func isPrivate(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_uid == geteuid() && status.st_mode & (S_IWGRP | S_IWOTH) == 0
    }

    /// The whole content.
    package static func read(_ path: String) throws(SystemFailure) -> [UInt8] {
        let descriptor = try Descriptor.openForReading(path)
        defer { Descriptor.close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let part = try Descriptor.read(descriptor, upTo: 65_536)
            if part.isEmpty { return bytes }
            bytes += part
        }
    }

    /// Makes or replaces a file.
    package static func write(
        _ bytes: some Sequence<UInt8>,
        to path: String,
        mode: UInt32 = 0o600
    )
        throws(SystemFailure)
    {
        let descriptor = try system("open", path) { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) }
        defer { Descriptor.close(descriptor) }
        try Descriptor.writeAll(bytes, to: descriptor)
    }

    /// Adds to the end of a file, which is made if need be; whole, also where others add to it at the same time.
    package static func append(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(SystemFailure) {
        let descriptor = try system("open", path) { open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode) }
        defer { Descriptor.close(descriptor) }
        try Descriptor.writeAll(bytes, to: descriptor)
    }

    /// Makes a file of that many zero bytes that takes no room on the disk until it is written to, but for its beginning.
    ///
    /// - Parameters:
    ///   - path: not there yet.
    ///   - size: in bytes.
    ///   - begun: how many of them are written at once. The first touch of a hole in a mapped file costs a millisecond on
    ///     ext4, because the kernel makes room for 2 MB; one of a page that is in its cache 5 µs.
    /// - Throws: when it cannot be made, or is there.
    package static func makeSparse(_ path: String, size: Int, begun: Int = 0) throws(SystemFailure) {
        let descriptor = try system("open", path) { open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        defer { Descriptor.close(descriptor) }
        try system("ftruncate", path) { ftruncate(descriptor, size) }
        if begun > 0 { try Descriptor.writeAll([UInt8](repeating: 0, count: begun), to: descriptor) }
    }

    package static func remove(_ path: String) throws(SystemFailure) { try system("unlink", path) { unlink(path) } }

    package static func rename(_ old: String, to new: String) throws(SystemFailure) {
        try system("rename", "\(old) → \(new)") { Glibc.rename(old, new) }
    }

    /// The path without symbolic links; nil when there is no such file.
    package static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}

/// Calls on folders by path.
package enum Folder {
    /// Makes a folder, whose parent must exist; not an error when it is there already.
    package static func make(_ path: String, mode: UInt32 = 0o700) throws(SystemFailure) {
        do {
            try system("mkdir", path) { mkdir(path, mode) }
        } catch let failure where failure.code == EEXIST && FileStamp(path: path)?.isFolder == true {
            return
        }
    }

    /// The names in a folder, without `.` and `..`, in no order.
    package static func entries(of path: String) throws(SystemFailure) -> [String] {
        guard let folder = opendir(path) else { throw SystemFailure(call: "opendir", code: errno, context: path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a folder with all that is in it; symbolic links are removed, not followed.
    package static func removeAll(_ path: String) throws(SystemFailure) {
        for name in try entries(of: path) {
            let inner = "\(path)/\(name)"
            var status = stat()
            try system("lstat", inner) { lstat(inner, &status) }
            if status.st_mode & S_IFMT == S_IFDIR {
                try removeAll(inner)
            } else {
                try File.remove(inner)
            }
        }
        try system("rmdir", path) { rmdir(path) }
    }
}

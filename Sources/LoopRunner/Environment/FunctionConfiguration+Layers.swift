internal import LoopModel
internal import LoopOS

/// Where things are in a function's layers, which AWS Lambda lays over each other in `/opt`, the later over the earlier.
extension FunctionConfiguration {
    /// What comes after the function's own folder in `sys.path`.
    ///
    /// In AWS Lambda's order: the layers' `site-packages`, then their `python`. A layer without `python` is such a
    /// folder itself.
    ///
    /// - Parameter version: of the interpreter, such as `3.11.7`.
    /// - Returns: those that are there.
    func layerPaths(python version: String) -> [String] {
        let minor = version.split(separator: ".").prefix(2).joined(separator: ".")
        let latest = layers.reversed()
        let packages = latest.map { "\($0)/python/lib/python\(minor)/site-packages" }.filter(Self.isFolder)
        return packages + latest.map { Self.isFolder("\($0)/python") ? "\($0)/python" : $0 }
    }

    /// What is added to the variables that say where programs and libraries are, as AWS Lambda has it.
    var layerSearchPaths: [(variable: String, folders: [String])] {
        [("PATH", "bin"), ("LD_LIBRARY_PATH", "lib")].compactMap { variable, name in
            let folders = layers.reversed().map { "\($0)/\(name)" }.filter(Self.isFolder)
            return folders.isEmpty ? nil : (variable, folders)
        }
    }

    private static func isFolder(_ path: String) -> Bool { FileStamp(path: path)?.isFolder == true }
}

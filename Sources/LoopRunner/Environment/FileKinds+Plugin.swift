internal import LoopOS

extension FileKinds {
    /// Those of a plugin.
    ///
    /// Reads its folder.
    ///
    /// - Parameters:
    ///   - plugin: its folder.
    ///   - host: what the paths of all the worker's own files begin with.
    init(plugin: String, host: String) {
        self.init(root: plugin + "/", host: host, vendored: Self.vendoredNames(in: plugin))
    }

    /// Top-level names that `pip install --target` has put beside the user's modules, by their `*.dist-info`.
    private static func vendoredNames(in root: String) -> Set<String> {
        var names: Set<String> = []
        let entries = (try? Folder.entries(of: root)) ?? []
        for entry in entries where entry.hasSuffix(".dist-info") || entry.hasSuffix(".egg-info") {
            for (listing, separator) in [("RECORD", ","), ("top_level.txt", "\n")] {
                guard let bytes = try? File.read("\(root)/\(entry)/\(listing)") else { continue }
                for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                    let path = line.split(separator: Character(separator)).first ?? ""
                    let top = path.split(separator: "/").first.map(String.init) ?? ""
                    if ["", "..", "__pycache__"].contains(top) || top.hasSuffix(".dist-info") { continue }
                    names.formUnion([top, top + ".py"])
                }
            }
        }
        return names
    }
}

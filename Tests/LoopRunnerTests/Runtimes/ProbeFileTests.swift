import LoopOS
import LoopRunner
import PythonProbe
import Testing

@Suite("The probe's files") struct ProbeFileTests {
    @Test("Every Python file of the folder is embedded, as it is")
    func complete() throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let folder = "/\(root)/Sources/PythonProbe"
        func files(in path: String, _ prefix: String) throws -> [String: [UInt8]] {
            var found: [String: [UInt8]] = [:]
            for name in try Folder.entries(of: path) where name != "__pycache__" {
                if FileStamp(path: "\(path)/\(name)")?.isFolder == true {
                    found.merge(try files(in: "\(path)/\(name)", prefix + name + "/")) { $1 }
                } else if name.hasSuffix(".py") {
                    found[prefix + name] = try File.read("\(path)/\(name)")
                }
            }
            return found
        }
        var expected = try files(in: folder + "/loopwarden_probe", "loopwarden_probe/")
        expected.merge(try files(in: folder + "/loopwarden_worker", "loopwarden_worker/")) { $1 }
        expected[ProbeFile.bootstrap] = try File.read(folder + "/" + ProbeFile.bootstrap)
        let embedded = Dictionary(uniqueKeysWithValues: ProbeFile.all.map { ($0.name, $0.bytes) })
        #expect(Set(embedded.keys) == Set(expected.keys))
        #expect(expected.filter { embedded[$0.key] != $0.value }.keys.sorted() == [])
    }

    @Test("They are unpacked once, whole, into a folder that their content names")
    func unpack() throws {
        let folder = "/tmp/lw-probe-\(UInt32.random(in: 0 ... .max))"
        try Folder.make(folder)
        defer { try? Folder.removeAll(folder) }
        let path = try ProbeFile.unpack(into: folder)
        let stamp = FileStamp(path: path)
        #expect(try ProbeFile.unpack(into: folder) == path)
        #expect(FileStamp(path: path) == stamp)
        #expect(try Folder.entries(of: folder).count == 1)
        for file in ProbeFile.all { #expect(try File.read("\(path)/\(file.name)") == file.bytes) }
    }
}

import Glibc
import LoopModel
import LoopOS
import LoopRunner
import Testing

@Suite("The environments of a handler") struct HandlerEnvironmentsTests {
    /// A folder that goes with the test.
    final class Home: Sendable {
        let path = "/tmp/lw-environments-\(UInt32.random(in: 0 ... .max))"

        init() throws { try Folder.make(path) }

        deinit { try? Folder.removeAll(path) }

        @discardableResult
        func file(_ place: String, _ text: String = "", mode: UInt32 = 0o644) throws -> String {
            var folder = path
            for part in place.split(separator: "/").dropLast() {
                folder += "/\(part)"
                try Folder.make(folder)
            }
            try File.write(text.utf8, to: "\(path)/\(place)", mode: mode)
            return "\(path)/\(place)"
        }

        @discardableResult
        func environment(_ place: String, _ configuration: String = "version = 3.11.7\n") throws -> String {
            try file("\(place)/bin/python", "#!/bin/sh\n", mode: 0o755)
            try file("\(place)/pyvenv.cfg", configuration)
            return "\(path)/\(place)"
        }
    }

    let home: Home

    init() throws { home = try Home() }

    private func found(from root: String, here: String = "/", active: String? = nil) -> [String] {
        var variables = ["HOME": home.path]
        variables["VIRTUAL_ENV"] = active
        return HandlerEnvironments(variables: variables, here: here).environments(of: home.path + root).map {
            $0.folder.replacing(home.path, with: "")
        }
    }

    @Test(
        "say their version in the words of venv, uv and virtualenv",
        arguments: [
            ("home = /usr/bin\nversion = 3.11.7\n", "3.11.7"), ("version_info = 3.12.1\n", "3.12.1"),
            ("version_info = 3.9.18.final.0\nversion=3.9.18\n", "3.9.18"), ("home = /usr/bin\n", nil), ("", nil),
        ] as [(String, String?)]
    )
    func versions(_ text: String, _ version: String?) throws {
        let environment = try #require(VirtualEnvironment(folder: try home.environment("env", text) + "/"))
        #expect(environment.version?.description == version)
        #expect(environment.folder == home.path + "/env")
        #expect(environment.isPython([3]) == (version != nil))
        #expect(!environment.isPython([3, 7]))
    }

    @Test("need an interpreter")
    func none() throws {
        try home.file("env/pyvenv.cfg", "version = 3.11.7\n")
        #expect(VirtualEnvironment(folder: home.path + "/env") == nil)
    }

    @Test("are the active one, then the nearest, as far as the repository goes")
    func order() throws {
        try home.file("project/.git/HEAD")
        try home.file("project/src/pyproject.toml")
        for place in [".venv", "project/.venv", "project/src/shop/venv", "project/src/shop/.venv", "active"] {
            try home.environment(place)
        }
        let inside = ["/project/src/shop/.venv", "/project/src/shop/venv", "/project/.venv"]
        #expect(found(from: "/project/src/shop") == inside)
        #expect(found(from: "/project/src/shop", active: home.path + "/active") == ["/active"] + inside)
        #expect(found(from: "/project/src/shop", active: home.path + "/project/.venv").first == "/project/.venv")
        #expect(found(from: "/project/src/shop", active: "/nowhere") == inside)
    }

    @Test("without a repository lie beside the handler, or as far as a project's file or the working directory")
    func projects() throws {
        try home.environment("work/.venv")
        try home.environment("work/a/.venv")
        try home.file("work/a/b/handler.py")
        #expect(found(from: "/work/a/b") == [])
        #expect(found(from: "/work/a/b", here: home.path + "/work/a") == ["/work/a/.venv"])
        try home.file("work/template.yaml")
        #expect(found(from: "/work/a/b") == ["/work/a/.venv", "/work/.venv"])
        // A home is nobody's project.
        try home.file("pyproject.toml")
        try home.environment(".venv")
        #expect(found(from: "/work/a/b") == ["/work/a/.venv", "/work/.venv"])
        #expect(found(from: "") == ["/.venv"])
    }

    @Test("are found when they come to be, though nobody searches where nothing has changed")
    func remembered() throws {
        try home.file("project/.git/HEAD")
        try home.file("project/shop/handler.py")
        let folders = ["/project", "/project/shop"].map { home.path + $0 }
        let environments = HandlerEnvironments(variables: [:], here: "")
        func found() -> [String] {
            environments.environments(of: folders[1]).map { $0.folder.replacing(home.path, with: "") }
        }
        /// Sets the folders' times to some that were long ago.
        func age() {
            var times = [timespec](repeating: timespec(tv_sec: 1_600_000_000, tv_nsec: 0), count: 2)
            for folder in folders { utimensat(AT_FDCWD, folder, &times, 0) }
        }

        age()
        #expect(found() == [])
        try home.environment("project/.venv")
        #expect(found() == ["/project/.venv"])
        // One that comes without a trace is not seen: so little is looked at.
        try home.environment("project/shop/-venv")
        age()
        #expect(found() == ["/project/.venv"])
        try File.rename(folders[1] + "/-venv", to: folders[1] + "/.venv")
        age()
        #expect(found() == ["/project/.venv"])
        try home.file("project/shop/new")
        #expect(found() == ["/project/shop/.venv", "/project/.venv"])
        // Its folder is there long before its interpreter.
        try home.file("project/shop/venv/pyvenv.cfg")
        age()
        #expect(found() == ["/project/shop/.venv", "/project/.venv"])
        try home.environment("project/shop/venv")
        #expect(found() == ["/project/shop/.venv", "/project/shop/venv", "/project/.venv"])
        try Folder.removeAll(home.path + "/project/shop/.venv")
        #expect(found() == ["/project/shop/venv", "/project/.venv"])
        // A link whose target comes later.
        try Folder.removeAll(home.path + "/project/shop/venv")
        #expect(symlink("\(home.path)/elsewhere", "\(home.path)/project/shop/venv") == 0)
        age()
        #expect(found() == ["/project/.venv"])
        try home.environment("elsewhere")
        #expect(found() == ["/project/shop/venv", "/project/.venv"])
    }

    @Test("are told apart by what their requirements ask for, in files that are named in them, too")
    func requirements() throws {
        let text = "-r more.txt\nRequests[socks]==2.32 ; python_version > '3'\n./lib\n"
        let path = try home.file("requirements.txt", text)
        try home.file("more.txt", "idna\n")
        try home.file("lib/setup.py", "1")
        let first = try Requirements(path: path)
        #expect(try Requirements(path: path).identity == first.identity)
        #expect(first.names("requests"))
        #expect(!first.names("request") && !first.names("uvloop"))
        try home.file("more.txt", "idna\ncertifi\n")
        let second = try Requirements(path: path)
        #expect(second.identity != first.identity)
        try home.file("lib/setup.py", "12")
        #expect(try Requirements(path: path).identity != second.identity)
        #expect(throws: SystemFailure.self) { try Requirements(path: home.path + "/none.txt") }
        // One that names itself ends.
        #expect(try Requirements(path: home.file("self.txt", "-r self.txt\n-c none.txt\n")).name == "self.txt")
    }
}

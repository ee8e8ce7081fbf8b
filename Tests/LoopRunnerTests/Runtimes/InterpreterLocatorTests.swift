import LoopModel
import LoopOS
import LoopRunner
import Testing

@Suite("The interpreter locator", .timeLimit(.minutes(1))) struct InterpreterLocatorTests {
    /// A home with interpreters that are shell scripts: they say what a Python would say.
    final class Home: Sendable {
        let path = "/tmp/lw-home-\(UInt32.random(in: 0 ... .max))"

        init() throws { try Folder.make(path) }

        deinit { try? Folder.removeAll(path) }

        /// Makes an interpreter that claims to be at the path `says`, or where it is.
        @discardableResult
        func python(_ place: String, version: String, says: String? = nil) throws -> String {
            var folder = path
            for part in place.split(separator: "/").dropLast() {
                folder += "/\(part)"
                try Folder.make(folder)
            }
            let file = "\(path)/\(place)"
            let script = """
                #!/bin/sh
                echo "$0" >> \(path)/asked
                echo loopwarden \(version) cpython \(says ?? file)
                """
            try File.write(script.utf8, to: file, mode: 0o755)
            return file
        }

        func locator(path folders: String = "bin") -> InterpreterLocator {
            InterpreterLocator(
                environment: [
                    "HOME": path,
                    "PATH": folders.split(separator: ":").map { "\(path)/\($0)" }.joined(separator: ":"),
                ]
            )
        }

        var timesAsked: Int {
            ((try? File.read(path + "/asked")) ?? []).count { $0 == UInt8(ascii: "\n") }
        }
    }

    let home: Home

    init() throws { home = try Home() }

    @Test("takes the first of a name on the PATH, behind its shim")
    func name() throws {
        let real = try home.python("real/python3", version: "3.12.1")
        try home.python("bin/python3", version: "3.12.1", says: real)
        let found = try home.locator().locate("python3", from: "/")
        #expect(
            found
                == Interpreter(
                    path: real,
                    version: PythonVersion(major: 3, minor: 12, micro: 1),
                    implementation: "cpython"
                )
        )
    }

    @Test("asks each interpreter once, and again when its file was replaced")
    func asksOnce() throws {
        try home.python("bin/python3", version: "3.12.1")
        let locator = home.locator()
        #expect(locator.known("python3", from: "/") == nil)
        _ = try locator.locate("python3", from: "/")
        _ = try locator.locate("python3", from: "/")
        #expect(locator.known("python3", from: "/")?.version.micro == 1)
        #expect(home.timesAsked == 1)
        try home.python("bin/python3", version: "3.12.10")
        #expect(locator.known("python3", from: "/") == nil)
        #expect(try locator.locate("python3", from: "/").version.micro == 10)
        #expect(home.timesAsked == 2)
    }

    @Test("finds a version on the PATH, then with pyenv and uv, the newest first")
    func version() throws {
        try home.python("bin/python3.9", version: "3.9.2")
        try home.python(".pyenv/versions/3.11.2/bin/python", version: "3.11.2")
        let newest = try home.python(".pyenv/versions/3.11.10/bin/python", version: "3.11.10")
        let uv = try home.python(".local/share/uv/python/cpython-3.13.1-linux/bin/python3", version: "3.13.1")
        let locator = home.locator()
        #expect(try locator.locate("3.9", from: "/").version.minor == 9)
        #expect(try locator.locate("3.11", from: "/").path == newest)
        #expect(try locator.locate("3.11.2", from: "/").version.micro == 2)
        #expect(try locator.locate("3.13", from: "/").path == uv)
    }

    @Test("passes over a shim that leads nowhere")
    func brokenShim() throws {
        try home.python("bin/other", version: "3.11.2")
        try File.write("#!/bin/sh\nexit 127\n".utf8, to: home.path + "/bin/python3.11", mode: 0o755)
        let good = try home.python(".pyenv/versions/3.11.2/bin/python", version: "3.11.2")
        #expect(try home.locator().locate("3.11", from: "/").path == good)
    }

    @Test("keeps a virtual environment's own interpreter, named absolutely or beside the handler")
    func virtualEnvironment() throws {
        let python = try home.python("plugin/.venv/bin/python", version: "3.11.2")
        try File.write([], to: home.path + "/plugin/.venv/pyvenv.cfg")
        let locator = home.locator()
        #expect(try locator.locate(home.path + "/plugin/.venv", from: "/").path == python)
        #expect(try locator.locate(".venv", from: home.path + "/plugin").path == python)
        #expect(try locator.locate("./.venv/bin/python", from: home.path + "/plugin").version.minor == 11)
        #expect(try locator.locate("~/plugin/.venv", from: "/").path == python)
    }

    @Test("says where it looked and what there is when a version is missing")
    func missing() throws {
        let python = try home.python(".pyenv/versions/3.11.2/bin/python", version: "3.11.2")
        #expect {
            try home.locator().locate("3.12", from: "/")
        } throws: {
            guard case InterpreterFailure.notFound(let wanted, let looked, let installed) = $0 else { return false }
            return wanted == "3.12" && looked.contains(home.path + "/.pyenv/versions")
                && installed.contains { $0.path == python }
        }
    }

    @Test("refuses what is too old, cannot be executed, is missing, or is no Python")
    func refusals() throws {
        let locator = home.locator()
        let old = try home.python("old/python", version: "3.7.9")
        let version = PythonVersion(major: 3, minor: 7, micro: 9)
        #expect(throws: InterpreterFailure.tooOld(path: old, version: version)) { try locator.locate(old, from: "/") }
        let file = home.path + "/file"
        try File.write("text".utf8, to: file)
        #expect(throws: InterpreterFailure.notExecutable(path: file)) { try locator.locate(file, from: "/") }
        try home.python("old/echo", version: "nonsense")
        #expect {
            try locator.locate(home.path + "/old/echo", from: "/")
        } throws: {
            if case InterpreterFailure.notWorking = $0 { true } else { false }
        }
        #expect {
            try locator.locate("/nowhere/python", from: "/")
        } throws: {
            if case InterpreterFailure.notFound = $0 { true } else { false }
        }
    }
}

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

    @Test(
        "finds what version managers keep",
        arguments: [
            ".asdf/installs/python/3.10.4/bin/python", ".local/share/mise/installs/python/3.10.4/bin/python",
            ".rye/py/cpython@3.10.4/bin/python3", ".local/share/hatch/pythons/3.10/python/bin/python3",
            ".local/bin/python3.10", ".local/share/uv/python/cpython-3.10.4-linux-x86_64-gnu/bin/python3",
        ]
    )
    func managers(_ place: String) throws {
        let python = try home.python(place, version: "3.10.4")
        #expect(try home.locator().locate("3.10", from: "/").path == python)
        #expect(try home.locator().locate("python3.10", from: "/").path == python)
        #expect(throws: InterpreterFailure.self) { try home.locator().locate("3.77", from: "/") }
    }

    @Test("prefers releases to candidates and to builds without the lock, and takes those where there is nothing else")
    func releases() throws {
        let candidate = try home.python(".pyenv/versions/3.14.0rc2/bin/python", version: "3.14.0")
        #expect(try home.locator().locate("3.14", from: "/").path == candidate)
        try home.python(".pyenv/versions/3.13.1t/bin/python", version: "3.13.1")
        let release = try home.python(".pyenv/versions/3.13.0/bin/python", version: "3.13.0")
        #expect(try home.locator().locate("3.13", from: "/").path == release)
        // Where nothing is called python3, any Python will do.
        #expect(try home.locator().locate("python3", from: "/").path == release)
    }

    @Test("takes the active virtual environment before the PATH, unless it is on it already")
    func active() throws {
        let other = try home.python("bin/python3", version: "3.12.1")
        let own = try home.python("env/bin/python3", version: "3.11.2")
        func located(_ path: String) throws -> String {
            try InterpreterLocator(environment: ["HOME": home.path, "PATH": path, "VIRTUAL_ENV": home.path + "/env"])
                .locate("python3", from: "/").path
        }
        #expect(try located("\(home.path)/bin") == own)
        #expect(try located("\(home.path)/bin:\(home.path)/env/bin") == other)
    }

    @Test("says in one line what there is, and how the missing one can be had")
    func words() throws {
        func interpreter(_ minor: Int) -> Interpreter {
            let version = PythonVersion(major: 3, minor: minor, micro: 2)
            return Interpreter(path: "/\(minor)", version: version, implementation: "cpython")
        }
        let (old, new) = (interpreter(7), interpreter(9))
        func told(_ wanted: String) -> String {
            "\(InterpreterFailure.notFound(wanted: wanted, looked: ["/bin"], installed: [new, new, old]))"
        }
        #expect(
            told("3.12")
                == "no Python “3.12” was found; there are 3.9.2; “uv python install 3.12” or “pyenv install 3.12” gets it"
        )
        #expect(told("snake") == "no Python “snake” was found; there are 3.9.2")
        #expect(told("/x/python") == "there is no interpreter at /x/python")
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

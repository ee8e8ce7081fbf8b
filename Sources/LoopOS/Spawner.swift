internal import CLoopOS
internal import Glibc

/// Starts child processes, all of them on one thread that never ends.
///
/// The parent-death signal that takes children along with a killed daemon follows the *thread* that made them
/// (facts: reliability §0.5), and threads of pools come and go.
package final class Spawner: Sendable {
    /// The one of this process.
    package static let shared = Spawner()

    private let thread: WorkThread?

    private init() { thread = try? WorkThread(named: "lw-spawner") }

    /// Starts a process as the leader of a new session, with nothing open but 0 (nothing to read) and 1 and 2 (one
    /// pipe, so that the order of what it prints is kept).
    ///
    /// - Parameters:
    ///   - launch: what the process is to be.
    ///   - completion: called once, on the spawner's thread.
    package func spawn(
        _ launch: ProcessLaunch,
        completion: @escaping @Sendable (Result<ChildProcess, LaunchFailure>) -> Void
    ) {
        perform(completion) { () throws(LaunchFailure) in try Self.start(launch) }
    }

    /// Does `body` on the spawner's thread, after what was asked for before.
    func perform<Value: Sendable>(
        _ completion: @escaping @Sendable (Result<Value, LaunchFailure>) -> Void,
        _ body: @escaping @Sendable () throws(LaunchFailure) -> Value
    ) {
        let isTaken = thread?.run { completion(Result { () throws(LaunchFailure) in try body() }) }
        if isTaken != true {
            completion(.failure(.resources(SystemFailure(call: "pthread_create", code: EAGAIN))))
        }
    }

    /// Starts a process on this thread.
    ///
    /// - Parameters:
    ///   - launch: what it is to be.
    ///   - link: becomes descriptor 3 of the process; nil: it has none.
    /// - Returns: the process, which runs.
    /// - Throws: when it cannot be started.
    static func start(_ launch: ProcessLaunch, link: Int32? = nil) throws(LaunchFailure) -> ChildProcess {
        do throws(LaunchFailure) {
            let group = try launch.group.map { (order) throws(LaunchFailure) in try open(order) }
            return try start(launch, in: group, link: link)
        } catch {
            launch.group?.group.remove()
            guard case .group = error else { throw error }
            // Rather without a group than not at all; whoever has asked for one sees that there is none.
            var launch = launch
            launch.group = nil
            return try start(launch, in: nil, link: link)
        }
    }

    /// Makes a group.
    ///
    /// - Returns: the file by which processes join it.
    static func open(_ order: ControlGroupOrder) throws(LaunchFailure) -> Int32 {
        do throws(SystemFailure) {
            try order.make()
            return try Descriptor.openForWriting("\(order.group.path)/cgroup.procs")
        } catch {
            order.group.remove()
            throw .group(error)
        }
    }

    private static func start(
        _ launch: ProcessLaunch,
        in group: Int32?,
        link: Int32?
    ) throws(LaunchFailure) -> ChildProcess {
        defer { if let group { Descriptor.close(group) } }
        let (null, output) = try openStandard()
        let arguments = CStrings(launch.arguments)
        let environment = CStrings(launch.environment.map { "\($0.key)=\($0.value)" })
        let executable = CStrings([launch.executable, launch.directory])
        var request = loop_spawn_request()
        request.executable = UnsafePointer(executable.pointers[0])
        request.directory = UnsafePointer(executable.pointers[1])
        request.arguments = UnsafePointer(arguments.pointers)
        request.environment = UnsafePointer(environment.pointers)
        request.input = null
        request.output = output.writing
        request.errors = output.writing
        request.link = link ?? -1
        request.group = group ?? -1
        request.descriptor_limit = launch.descriptorLimit
        request.mark = launch.family?.mark ?? 0
        var result = loop_spawn_result()
        loop_spawn(&request, &result)
        Descriptor.close(null)
        Descriptor.close(output.writing)
        guard result.step == LOOP_SPAWN_DONE else {
            Descriptor.close(output.reading)
            throw failure(of: result, launch: launch)
        }
        return ChildProcess(
            processID: result.process,
            pidfd: result.pidfd,
            output: OutputDrain(descriptor: output.reading),
            family: launch.family,
            group: launch.group?.group
        )
    }

    static func openStandard() throws(LaunchFailure) -> (null: Int32, output: (reading: Int32, writing: Int32)) {
        var null: Int32 = -1
        do throws(SystemFailure) {
            null = try Descriptor.openForReading("/dev/null")
            return (null, try Descriptor.pipe())
        } catch {
            if null >= 0 { Descriptor.close(null) }
            throw .resources(error)
        }
    }

    private static func failure(of result: loop_spawn_result, launch: ProcessLaunch) -> LaunchFailure {
        switch result.step {
        case LOOP_SPAWN_EXECUTE:
            switch result.error {
            case ENOENT, ENOTDIR: .notFound(launch.executable)
            case EACCES, EPERM: .notPermitted(launch.executable)
            case ENOEXEC, ELIBBAD: .notExecutable(launch.executable)
            default: .resources(SystemFailure(call: "execve", code: result.error, context: launch.executable))
            }
        case LOOP_SPAWN_DIRECTORY:
            .directory(SystemFailure(call: "chdir", code: result.error, context: launch.directory))
        case LOOP_SPAWN_GROUP:
            .group(SystemFailure(call: "write", code: result.error, context: launch.group?.group.path ?? ""))
        case LOOP_SPAWN_CLONE: .resources(SystemFailure(call: "clone", code: result.error))
        case LOOP_SPAWN_LIMIT: .resources(SystemFailure(call: "setrlimit", code: result.error))
        case LOOP_SPAWN_DESCRIPTORS: .resources(SystemFailure(call: "dup2", code: result.error))
        case LOOP_SPAWN_PARENT: .resources(SystemFailure(call: "prctl", code: result.error))
        default: .resources(SystemFailure(call: "setsid", code: result.error))
        }
    }
}

/// A null-terminated array of C strings, freed with its owner.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}

import LoopModel
import LoopOS
import LoopRunner

/// Gives each cell of a check its interpreter, with the packages that its handler needs.
struct Seats: Sendable {
    /// One cell's.
    struct Seat: Sendable {
        var interpreter: Interpreter
        /// Where its packages come from, as people know it; nil: from the interpreter alone.
        var packages: String?

        /// Says in a run what it was led on.
        func describe(_ run: inout CheckRun) {
            run.python = interpreter.version.description
            (run.interpreter, run.packages) = (interpreter.path, packages)
        }
    }

    /// Two cells that want the same get the same.
    private struct Wish: Hashable {
        var python: String
        var root: String
        var packages: FunctionPackages
        var loop: LoopImplementation
    }

    private let source: PackageSource
    private let locator: InterpreterLocator
    private let environments: HandlerEnvironments
    private let builder: EnvironmentBuilder?

    /// - Parameters:
    ///   - source: where packages come from.
    ///   - locator: finds interpreters.
    ///   - cells: those that will want a seat.
    ///   - progress: told what takes long.
    init(
        _ source: PackageSource,
        _ locator: InterpreterLocator,
        for cells: [CheckPlan.Cell],
        progress: @escaping @Sendable (EnvironmentBuilder.Progress) -> Void
    ) {
        self.source = source
        self.locator = locator
        let variables = ThisProcess.environment
        environments = HandlerEnvironments(variables: variables, here: ThisProcess.folder)
        let installs = source.installs || cells.contains { $0.configuration.installs }
        let folder = installs ? KeptFolder.path("venvs") : nil
        builder = folder.map { EnvironmentBuilder(folder: $0, variables: variables, progress: progress) }
    }

    /// The seats of cells, by the cells' numbers; of those that can have none, why.
    func seats(of cells: [CheckPlan.Cell]) async throws -> [Int: Result<Seat, SeatFailure>] {
        var cellsByWish: [Wish: [Int]] = [:]
        for cell in cells { cellsByWish[wish(of: cell), default: []].append(cell.index) }
        let turns = Turns(ThisProcess.processors)
        return try await withThrowingTaskGroup(of: ([Int], Result<Seat, SeatFailure>).self) { group in
            for (wish, indices) in cellsByWish {
                group.addTask {
                    let seat = try await turns.withTurn {
                        try await onThread(named: "interpreter") {
                            Result { () throws(SeatFailure) in try self.seat(for: wish) }
                        }
                    }
                    return (indices, seat)
                }
            }
            var seats: [Int: Result<Seat, SeatFailure>] = [:]
            for try await (indices, seat) in group { for index in indices { seats[index] = seat } }
            return seats
        }
    }

    private func wish(of cell: CheckPlan.Cell) -> Wish {
        let configuration = cell.configuration
        return Wish(
            python: configuration.python,
            root: configuration.root,
            packages: configuration.packages,
            loop: configuration.loop
        )
    }

    private func seat(for wish: Wish) throws(SeatFailure) -> Seat {
        switch source {
        case .environment(let environment):
            return Seat(interpreter: try located(environment.folder, wish), packages: Self.name(of: environment))
        case .own: return try manifestsSeat(for: wish)
        case .requirements(let requirements): return try seat(for: wish, with: requirements)
        case .ownRequirements:
            guard let path = source.ownRequirementsFile(in: wish.root) else { return try manifestsSeat(for: wish) }
            return try seat(for: wish, with: Self.requirements(at: path))
        }
    }

    /// What the manifest names, where it names something.
    private func manifestsSeat(for wish: Wish) throws(SeatFailure) -> Seat {
        switch wish.packages {
        case .own: return try ownSeat(for: wish)
        case .requirements(let path): return try seat(for: wish, with: Self.requirements(at: path))
        case .environment(let folder):
            let packages = File.path(folder, from: ThisProcess.folder)
            return Seat(interpreter: try located(folder, wish), packages: packages)
        }
    }

    private static func requirements(at path: String) throws(SeatFailure) -> Requirements {
        do throws(SystemFailure) {
            return try Requirements(path: path)
        } catch {
            throw .unreadable(error)
        }
    }

    private func ownSeat(for wish: Wish) throws(SeatFailure) -> Seat {
        let own = environments.environment(of: wish.root, for: wish.python)
        if let own { return Seat(interpreter: try located(own.folder, wish), packages: Self.name(of: own)) }
        let interpreter = try located(wish.python, wish)
        let folder = "/" + interpreter.path.split(separator: "/").dropLast(2).joined(separator: "/")
        let isVirtual = FileStamp(path: "\(folder)/pyvenv.cfg") != nil
        let environment = isVirtual ? VirtualEnvironment(folder: folder) : nil
        return Seat(interpreter: interpreter, packages: environment.map(Self.name))
    }

    private func seat(for wish: Wish, with requirements: Requirements) throws(SeatFailure) -> Seat {
        let interpreter = try located(wish.python, wish)
        guard let builder else { throw .noCache }
        let more = wish.loop == .uvloop && !requirements.names("uvloop") ? ["uvloop"] : []
        let folder: String
        do throws(EnvironmentFailure) {
            folder = try builder.environment(with: requirements, and: more, on: interpreter)
        } catch {
            throw .environment(error)
        }
        return Seat(interpreter: try located(folder, wish), packages: requirements.name)
    }

    /// The folder, from the working directory where it lies in it.
    private static func name(of environment: VirtualEnvironment) -> String {
        File.path(environment.folder, from: ThisProcess.folder)
    }

    private func located(_ python: String, _ wish: Wish) throws(SeatFailure) -> Interpreter {
        do throws(InterpreterFailure) {
            return try locator.locate(python, from: wish.root)
        } catch {
            throw .interpreter(error)
        }
    }
}

/// Why a handler has no interpreter to run on.
enum SeatFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case interpreter(InterpreterFailure)
    case environment(EnvironmentFailure)
    /// A list of requirements cannot be read.
    case unreadable(SystemFailure)
    /// There is no place to keep virtual environments.
    case noCache

    /// What an installer said last, in lines; nil where there is nothing to tell.
    var details: String? {
        guard case .environment(let failure) = self, !failure.said.isEmpty else { return nil }
        return failure.said.joined(separator: "\n")
    }

    var description: String {
        switch self {
        case .interpreter(let failure): "\(failure)"
        case .environment(let failure): "\(failure)"
        case .unreadable(let failure): "\(failure.context) cannot be read: \(failure.reason)"
        case .noCache: "there is no place to install the requirements: neither XDG_CACHE_HOME nor HOME can be used"
        }
    }
}

extension FunctionConfiguration {
    /// Whether its manifest has something to be installed.
    fileprivate var installs: Bool { if case .requirements = packages { true } else { false } }
}

import LoopModel
import LoopOS
package import LoopRunner

/// Where the packages of checked handlers come from.
package enum PackageSource: Hashable, Sendable {
    /// From the virtual environment in which a person would expect a handler to run, else from the interpreter alone.
    case own
    /// From one that was named.
    case environment(VirtualEnvironment)
    /// From a list, which is installed for each interpreter.
    case requirements(Requirements)
    /// From the `requirements.txt` in each handler's folder, where there is one; else as ``own``.
    case ownRequirements

    /// What is typed for ``ownRequirements``, in the place of a file.
    package static let ownRequirementsWord = "own"

    /// Whether something may have to be installed.
    var installs: Bool {
        switch self {
        case .own, .environment: false
        case .requirements, .ownRequirements: true
        }
    }

    /// The list from which a handler's packages come; nil: there is none.
    func requirementsFile(of function: FunctionConfiguration) -> String? {
        if let path = ownRequirementsFile(in: function.root) { return path }
        guard self == .own || self == .ownRequirements, case .requirements(let path) = function.packages else {
            return nil
        }
        return path
    }

    /// The list that is installed instead of what a handler's manifest names.
    func ownRequirementsFile(in root: String) -> String? {
        switch self {
        case .own, .environment: nil
        case .requirements(let requirements): requirements.path
        case .ownRequirements: FileStamp(path: "\(root)/requirements.txt") == nil ? nil : "\(root)/requirements.txt"
        }
    }

    /// - Parameter folder: of a virtual environment that was named; absolute, or from the working directory.
    /// - Throws: ``CheckFailure`` when it is none.
    package init(environment folder: String) throws(CheckFailure) {
        let path = SettingsLoader.absolute(folder, in: ThisProcess.folder)
        guard let environment = VirtualEnvironment(folder: path) else {
            let isThere = FileStamp(path: path) != nil
            throw .target(
                isThere ? "\(folder) is no virtual environment: it has no bin/python." : "There is no \(folder).",
                hint: "\"python -m venv \(folder)\" or \"uv venv \(folder)\" makes one."
            )
        }
        self = .environment(environment)
    }

    /// - Parameter file: of a list that was named; absolute, or from the working directory; or ``ownRequirementsWord``.
    /// - Throws: ``CheckFailure`` when it cannot be read.
    package init(requirements file: String) throws(CheckFailure) {
        let path = SettingsLoader.absolute(file, in: ThisProcess.folder)
        if file == Self.ownRequirementsWord, FileStamp(path: path) == nil {
            self = .ownRequirements
            return
        }
        do throws(SystemFailure) {
            self = .requirements(try Requirements(path: path))
        } catch {
            throw .target("\(file) cannot be read: \(error.reason).", hint: "Name a requirements.txt.")
        }
    }
}

/// Where the packages come from that a function imports; all paths absolute.
package enum FunctionPackages: Hashable, Sendable {
    /// From the virtual environment beside the function, where there is one that fits; else from the interpreter alone.
    case own
    /// From a virtual environment that the manifest names.
    case environment(String)
    /// From a list, which is installed once for each interpreter.
    case requirements(String)

    package var environment: String? { if case .environment(let folder) = self { folder } else { nil } }

    package var requirements: String? { if case .requirements(let path) = self { path } else { nil } }
}

package import LoopRunner

/// Where the packages of checked handlers come from.
package enum PackageSource: Hashable, Sendable {
    /// From the virtual environment in which a person would expect a handler to run, else from the interpreter alone.
    case own
    /// From one that was named.
    case environment(VirtualEnvironment)
    /// From a list, which is installed for each interpreter.
    case requirements(Requirements)
}

/// How long a module took to be imported.
package struct ModuleImport: Hashable, Sendable {
    /// As it was imported: `boto3`, `botocore.session`.
    package var name: String
    /// With all that it has imported in turn, but for the function's own modules.
    package var time: Duration
    /// Without that.
    package var ownTime: Duration
    package var traits: Traits

    package init(name: String, time: Duration, ownTime: Duration, traits: Traits = []) {
        self.name = name
        self.time = time
        self.ownTime = ownTime
        self.traits = traits
    }

    /// What speaks for or against importing it before a fork; the numbers are the worker protocol's.
    package struct Traits: OptionSet, Hashable, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        /// It is the function's: its code must run anew in each environment.
        package static let own = Self(rawValue: 1 << 0)
        /// It lies in a folder that the handler itself has put into `sys.path`.
        package static let elsewhere = Self(rawValue: 1 << 1)
        /// The first invocation has imported it.
        package static let late = Self(rawValue: 1 << 2)
        /// A thread was left running by it.
        package static let leavesThread = Self(rawValue: 1 << 3)
    }
}

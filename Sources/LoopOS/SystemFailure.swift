internal import Glibc

/// A system call that failed.
package struct SystemFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name, as in its manual page.
    package var call: String
    /// The value of `errno`.
    package var code: Int32
    /// What the call was about, a path for example; may be empty.
    package var context: String

    package init(call: String, code: Int32, context: String = "") {
        self.call = call
        self.code = code
        self.context = context
    }

    package var description: String {
        "\(call)\(context.isEmpty ? "" : " \(context)"): \(String(cString: strerror(code)))"
    }
}

/// Makes a system call, again when a signal interrupted it.
///
/// - Parameters:
///   - name: the call's name.
///   - context: what it is about; only asked for when it fails.
///   - body: the call, which returns -1 when it fails.
/// - Returns: what the call returned.
/// - Throws: what `errno` said right after the call.
@discardableResult
func system<Value: SignedInteger>(
    _ name: StaticString,
    _ context: @autoclosure () -> String = "",
    _ body: () -> Value
) throws(SystemFailure) -> Value {
    while true {
        let value = body()
        if value != -1 { return value }
        let code = errno
        if code != EINTR { throw SystemFailure(call: "\(name)", code: code, context: context()) }
    }
}

package import LoopModel

/// Why there is no report, or no document in what was received.
package enum ReportFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownReport(String)
    /// `show` needs an invocation.
    case invocationMissing
    /// None has this id or prefix, or several have it.
    case invocationNotFound(String)
    /// What was received is not JSON.
    case notJSON(JSONFailure)
    /// What was received is JSON and not a document; the text says what is missing.
    case notADocument(String)

    package var description: String {
        switch self {
        case .unknownReport(let name): "no report is called \"\(name)\""
        case .invocationMissing: "no invocation was named"
        case .invocationNotFound(let prefix):
            "no invocation, or more than one, has an id that begins with \"\(prefix)\""
        case .notJSON(let failure): "the document is not JSON: \(failure)"
        case .notADocument(let missing): "the JSON is not a report document: \(missing)"
        }
    }

    /// What to do about it.
    package var hint: String {
        switch self {
        case .unknownReport: "the reports are \(AllReports.names.joined(separator: ", "))"
        case .invocationMissing, .invocationNotFound: "`loopwarden history` lists invocations with their ids"
        case .notJSON, .notADocument: "the daemon and the command are of different versions; update both"
        }
    }
}

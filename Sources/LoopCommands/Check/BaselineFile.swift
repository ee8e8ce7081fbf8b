import LoopModel
import LoopOS

/// The files that hold what is known already, as they were ordered.
struct BaselineFile {
    /// Holds what is known; nil: nothing is.
    var known: String?
    /// Where everything that counts now goes; nil: nowhere.
    var written: String?

    /// What is known before the check.
    ///
    /// - Returns: nil when it does not matter.
    /// - Throws: ``CommandFailure`` when a file is not there that should be, or is something else.
    func comparison() throws(CommandFailure) -> BaselineComparison? {
        guard let name = known ?? written else { return nil }
        guard FileStamp(path: name) != nil else {
            // One that is to be written need not be there yet.
            guard known == nil else { throw .noBaseline(name) }
            return BaselineComparison(name: name, baseline: Baseline())
        }
        // Also what is to be written over has to be a baseline: a wrong name must not cost anybody a file.
        return BaselineComparison(name: name, baseline: try read(name))
    }

    /// Writes the new file if one was ordered; afterwards the report knows everything that is in it.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be written.
    func write(_ report: inout CheckReport, on console: Console) throws(CommandFailure) {
        guard let written else { return }
        guard report.verdict == .clean || report.verdict == .findings else {
            let reason = report.verdict == .failsCold ? "everything fails already cold" : "nothing could be run"
            return console.say("The baseline \(written) is not written: \(reason).")
        }
        if known != nil, FileStamp(path: written) != nil { _ = try read(written) }
        let next = report.nextBaseline
        do throws(SystemFailure) {
            try File.write(Array(next.text.utf8), to: written, mode: 0o644)
        } catch {
            throw .notWritten(error)
        }
        report.comparison?.baseline = next
        report.comparison?.name = written
    }

    private func read(_ name: String) throws(CommandFailure) -> Baseline {
        let bytes: [UInt8]
        do throws(SystemFailure) {
            bytes = try File.read(name)
        } catch {
            throw .unreadable(error)
        }
        do throws(BaselineFailure) {
            return try Baseline(bytes)
        } catch {
            throw .badBaseline(name, error)
        }
    }
}

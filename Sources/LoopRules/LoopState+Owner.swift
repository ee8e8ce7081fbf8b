import LoopModel

/// Who keeps a loop for itself, so that nobody else may end it.
enum LoopOwner {
    case host
    /// A library made it while it was imported; the line that did.
    case library(CodeLine)

    /// The owner of a loop, if it is not the user's code.
    init?(of state: LoopState) {
        if state.isHosts {
            self = .host
        } else if let library = state.created.site?.library, library.function == "<module>" {
            self = .library(library)
        } else {
            return nil
        }
    }

    /// Whether `moment` is another party's doing.
    func isForeign(_ moment: Moment) -> Bool {
        guard moment.userLine != nil else { return false }
        guard case .library(let line) = self, let through = moment.site?.library else { return true }
        return through.packageName != line.packageName
    }
}

extension LoopState {
    /// The owner from whom another party took the loop by closing it; nil when nobody did.
    var robbedOwner: LoopOwner? {
        guard let closed, closed.phase != .shutdown, !closedBy.contains(.byHost), let owner = LoopOwner(of: self) else {
            return nil
        }
        return owner.isForeign(closed) ? owner : nil
    }
}

import LoopModel
import LoopStore

/// A place where alerts are told; one file each, and a line in ``AlertSinks/make(for:logger:)``.
protocol AlertSink: Sendable {
    /// What logs and `status` call it.
    var name: String { get }

    /// Tells one alert.
    ///
    /// - Throws: ``AlertDeliveryFailure`` when it was not taken; the dispatcher tries again if that may help.
    func deliver(_ change: AlertNotice) async throws
}

/// An alert, and what became of it.
struct AlertNotice: Hashable, Sendable {
    var alert: Alert
    var kind: Kind

    enum Kind: String, Sendable {
        /// Never seen before.
        case new
        /// Seen again after it was resolved.
        case reopened
    }

    init(alert: Alert, kind: Kind) {
        self.alert = alert
        self.kind = kind
    }

    /// Only what is news: an alert that is merely counted again tells nobody, nor does what is only good to know.
    init?(_ change: HistoryStore.AlertChange) {
        if change.alert.severity == .info { return nil }
        switch change.kind {
        case .new: kind = .new
        case .reopened: kind = .reopened
        case .counted: return nil
        }
        alert = change.alert
    }

    /// What hooks get: the same keys as an alert in the JSON contract.
    var json: JSON {
        [
            "event": .string("alert.\(kind.rawValue)"),
            "fingerprint": .string(alert.fingerprint),
            "rule": .string(alert.rule),
            "severity": .string(alert.severity.rawValue),
            "function": .string(alert.function.rawValue),
            "site": alert.site?.json ?? .null,
            "message": .string(alert.message),
            "advice": .string(alert.advice),
            "count": .int(Int64(alert.count)),
            "firstSeen": .string(alert.firstSeen.rfc3339),
            "lastSeen": .string(alert.lastSeen.rfc3339),
            "state": .string(alert.state.rawValue),
        ]
    }
}

/// Why a sink did not take an alert.
struct AlertDeliveryFailure: Error, CustomStringConvertible {
    var description: String
    /// Whether trying again may help.
    var isPermanent: Bool
    /// How long the receiver asked us to wait; nil: it did not say.
    var retryAfter: Duration?

    init(_ description: String, isPermanent: Bool = false, retryAfter: Duration? = nil) {
        self.description = description
        self.isPermanent = isPermanent
        self.retryAfter = retryAfter
    }
}

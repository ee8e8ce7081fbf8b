import Logging
import LoopModel

/// Tells alerts in the daemon's own log.
struct LogSink: AlertSink {
    let name = "log"
    let logger: Logger

    func deliver(_ notice: AlertNotice) {
        let alert = notice.alert
        logger.log(
            level: alert.severity == .error ? .error : .warning,
            "A handler has a fault",
            metadata: [
                "alert.message": "\(alert.message)",
                "alert.advice": "\(alert.advice)",
                "alert.rule": "\(alert.rule)",
                "alert.fingerprint": "\(alert.fingerprint)",
                "alert.state": "\(notice.kind.rawValue)",
                "function": "\(alert.function)",
                "site": "\(alert.site.map(\.description) ?? "")",
            ]
        )
    }
}

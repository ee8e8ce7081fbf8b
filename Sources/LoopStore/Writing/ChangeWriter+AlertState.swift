internal import LoopModel

extension ChangeWriter {
    /// Sets the state of the one alert whose fingerprint starts so, and notes it as touched.
    func setState(_ state: Alert.State, ofAlertWith prefix: String) throws {
        let find = try prepared(
            """
            SELECT id, fingerprint FROM alert WHERE \(Prefix.condition("fingerprint")) AND count > 0
            ORDER BY fingerprint LIMIT 5
            """
        )
        find.bind(prefix)
        find.bind(prefix)
        let found = try find.all { (id: $0.int64(), fingerprint: $0.text()) }
        guard let alert = found.first else { throw StoreFailure.alertNotFound(prefix: prefix) }
        guard found.count == 1 || alert.fingerprint == prefix else {
            throw StoreFailure.alertAmbiguous(prefix: prefix, candidates: found.map(\.fingerprint))
        }
        let update = try prepared("UPDATE alert SET state = ? WHERE id = ?")
        update.bind(state.rawValue)
        update.bind(alert.id)
        try update.run()
        alertKinds[alert.id] = .counted
    }
}

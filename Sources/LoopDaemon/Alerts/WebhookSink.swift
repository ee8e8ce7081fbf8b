import AsyncHTTPClient
import LoopModel
import NIOCore
import NIOHTTP1

/// Posts each alert as JSON; the `text` key makes it readable for Slack and those that speak its format.
struct WebhookSink: AlertSink {
    let name = "webhook"
    let webhook: Settings.Webhook
    let client: HTTPClient

    func deliver(_ notice: AlertNotice) async throws {
        var request = HTTPClientRequest(url: webhook.url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "loopwarden")
        for (name, value) in webhook.headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .bytes(ByteBuffer(string: body(of: notice)))
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: TimeAmount(webhook.timeout))
        } catch {
            throw AlertDeliveryFailure("\(error)")
        }
        switch response.status.code {
        case 200..<300: return
        case 408, 425, 429, 500...:
            let wait = response.headers.first(name: "retry-after").flatMap { Int($0) }
            let said = "answered \(response.status)"
            throw AlertDeliveryFailure(said, retryAfter: wait.map { .seconds(min($0, 3600)) })
        default: throw AlertDeliveryFailure("answered \(response.status)", isPermanent: true)
        }
    }

    private func body(of notice: AlertNotice) -> String {
        guard case .object(var members) = notice.json else { return "{}" }
        let alert = notice.alert
        let text = "[\(alert.severity.rawValue)] \(alert.function): \(alert.rule). \(alert.message) \(alert.advice)"
        members.insert(JSON.Member("text", .string(text)), at: 0)
        return JSON.object(members).text
    }
}

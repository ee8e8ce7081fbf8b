package import LoopModel

extension ControlRequest {
    /// Reads a request; parameters and fields that are not known are ignored.
    ///
    /// - Parameters:
    ///   - method: of the request line.
    ///   - target: path and query as they are in the request line.
    ///   - now: what times such as `15m` are counted back from.
    ///   - body: asked for only where the request has fields in it; never for an invocation.
    /// - Returns: what is asked.
    /// - Throws: ``APIFailure`` that says what is there instead, or which parameter is wrong and what is expected.
    package static func read(
        _ method: HTTPMethod,
        _ target: String,
        now: WallTime,
        body: @autoclosure () -> [UInt8]
    ) throws(APIFailure) -> ControlRequest {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = halves[0]
        let parts = path.split(separator: "/")
        var allowed: [HTTPMethod] = []
        for route in ControlRoutes.all {
            guard let values = route.match(parts) else { continue }
            guard route.method == method else {
                allowed.append(route.method)
                continue
            }
            return try withoutActuallyEscaping(body) { body throws(APIFailure) in
                try route.read(
                    RouteArguments(
                        route: route,
                        path: values,
                        query: halves.count > 1 ? pairs(halves[1]) : [],
                        body: body,
                        now: now
                    )
                )
            }
        }
        throw allowed.isEmpty
            ? .unknownRoute(method, String(path)) : .methodNotAllowed(method, String(path), allowed: allowed)
    }

    private static func pairs(_ query: Substring) -> [(name: Substring, value: Substring)] {
        query.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (halves[0], halves.count > 1 ? halves[1] : "")
        }
    }
}

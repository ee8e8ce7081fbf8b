import LoopModel
import LoopWire
import Testing

@Suite("Worker frames") struct WorkerMessageTests {
    private func message(_ frame: [UInt8]) throws(WireFailure) -> WorkerMessage? {
        guard let found = try WorkerFrame.next(inArray: frame) else { return nil }
        return try WorkerMessage(found, in: frame.span.bytes)
    }

    @Test("A reply gives its times, its events and its payload without a copy")
    func reply() throws {
        let frame = WorkerBytes.reply(payload: "{\"a\":1}")
        guard case .reply(let reply) = try message(frame) else {
            Issue.record("no reply")
            return
        }
        #expect(reply.ordinal == 7)
        #expect(reply.isError)
        #expect(reply.ended - reply.began == .nanoseconds(2000))
        #expect(String(decoding: frame[reply.payload], as: UTF8.self) == "{\"a\":1}")
        #expect(Array(frame[reply.events]) == WorkerBytes.block(generation: 1).bytes)
    }

    @Test("Hello and ready give what the worker says of itself")
    func json() throws {
        var hello = WorkerBytes()
        hello.put(text: #"{"protocol":1,"token":"ab","pid":5,"python":"3.11.7","descriptorLimit":1024,"new":[]}"#)
        guard case .hello(let said) = try message(hello.framed(type: 0x81)) else {
            Issue.record("no hello")
            return
        }
        #expect(said.token == "ab" && said.pid == 5 && said.python == "3.11.7" && said.descriptorLimit == 1024)

        let info =
            #"{"loop":"asyncio","descriptors":9,"disabled":[{"hook":"h","reason":"r"}],"modules":[["/p/h.py",17,42]]}"#
        var ready = WorkerBytes()
        ready.put(UInt64(1))
        ready.put(UInt64(2))
        ready.put(UInt32(info.utf8.count))
        ready.put(text: info)
        ready.bytes += WorkerBytes.block(generation: 1).bytes
        guard case .ready(let told) = try message(ready.framed(type: 0x82)) else {
            Issue.record("no ready")
            return
        }
        #expect(told.info.modules?.first?.path == "/p/h.py")
        #expect(told.info.modules?.first?.modified == 17)
        #expect(told.info.disabled?.first?.hook == "h")
        #expect(told.events.count == WorkerBytes.block(generation: 1).bytes.count)
    }

    @Test("What was done on purpose is told with the number of the invocation")
    func fault() throws {
        var bytes = WorkerBytes()
        bytes.put(UInt32(7))
        #expect(try message(bytes.framed(type: 0x88)) == .faultApplied(ordinal: 7))
        #expect(throws: WireFailure.malformed("a frame that is too short")) {
            try message(WorkerBytes().framed(type: 0x88))
        }
    }

    @Test("What is alive is asked for by a frame without a body, and told as events")
    func alive() throws {
        #expect(DaemonFrame.freeze == [1, 0, 0, 0, 4])
        var bytes = WorkerBytes()
        bytes.put(UInt32(7))
        #expect(try message(bytes.framed(type: 0x89)) == .alive(events: 5..<9))
    }

    @Test("What was imported is told with times, and names are bounded")
    func imports() throws {
        var bytes = WorkerBytes()
        let name = String(repeating: "m", count: 300)
        bytes.put(text: #"{"total":9000,"modules":[["boto3",5000,-1,4],["\#(name)",1,1,0]],"new":1}"#)
        guard case .imports(let told) = try message(bytes.framed(type: 0x8A)) else {
            Issue.record("no imports")
            return
        }
        let boto = ModuleImport(name: "boto3", time: .nanoseconds(5000), ownTime: .zero, traits: .late)
        #expect(told.total == 9000)
        #expect(told.modules.first?.record == boto)
        #expect(told.modules.last?.record.name.count == 200)
        #expect(throws: WireFailure.malformed("IMPORTS with JSON that cannot be read")) {
            try message(WorkerBytes().framed(type: 0x8A))
        }
    }

    @Test("A frame that claims too much is refused as soon as its header is there")
    func tooLong() {
        var header = WorkerBytes()
        header.put(UInt32(WorkerFrame.longest + 1))
        header.put(UInt8(0x84))
        #expect(throws: WireFailure.frameTooLong(type: 0x84, length: WorkerFrame.longest + 1)) {
            try WorkerFrame.next(inArray: header.bytes)
        }
    }

    @Test(
        "Frames of every type, cut anywhere inside, are refused and never trap",
        arguments: 0x80...0x8A as ClosedRange<UInt8>
    )
    func truncated(type: UInt8) throws {
        let body = WorkerBytes.reply(payload: "{}").dropFirst(5)
        for count in 0...body.count {
            var frame = WorkerBytes()
            frame.bytes = Array(body.prefix(count))
            _ = try? message(frame.framed(type: type))
        }
        let whole = WorkerBytes.reply(payload: "{}")
        for count in 0..<whole.count {
            let cut = Array(whole.prefix(count))
            #expect(try WorkerFrame.next(inArray: cut) == nil)
        }
    }

    @Test("Random bytes never trap")
    func random() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            var bytes = (0..<Int.random(in: 0...120, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if bytes.count > 5 {
                bytes[1] = 0
                bytes[2] = 0
                bytes[3] = 0
                bytes[0] = UInt8(bytes.count - 4)
                bytes[4] = UInt8.random(in: 0x81...0x8A, using: &generator)
            }
            _ = try? message(bytes)
        }
    }

    @Test("An error object is read as far as it is there")
    func errors() {
        let text = #"{"errorMessage":"boom","errorType":"ValueError","requestId":"","stackTrace":["a","b"]}"#
        let error = HandlerError(text: text)
        #expect(error?.errorType == "ValueError" && error?.stackTrace == ["a", "b"])
        #expect(HandlerError(text: "[]") == nil)
        #expect(HandlerError(text: "{") == nil)
    }

    @Test("An invocation's frame has the layout of the protocol")
    func invoke() throws {
        let bytes = DaemonFrame.invoke(
            ordinal: 3,
            deadline: Instant(nanoseconds: 5),
            wallDeadline: WallTime(nanoseconds: 7_000_000),
            header: ["id": "x"],
            payloadSize: 4
        )
        let frame = try #require(try WorkerFrame.next(inArray: bytes + Array("null".utf8)))
        #expect(frame.type == 2)
        #expect(frame.body.upperBound == bytes.count + 4)
        #expect(
            Array(bytes[5...]).starts(with: [3, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0])
        )
        #expect(String(decoding: bytes[29...], as: UTF8.self) == #"{"id":"x"}"#)
    }
}

import LoopModel
import Testing

@Suite("A line of Python")
struct PythonLineTests {
    private func marked(_ text: String, _ names: String...) -> String {
        let focus = PythonLine(text).span(ofCallTo: names)
        let scalars = Array(text.unicodeScalars)[focus]
        return String(String.UnicodeScalarView(scalars))
    }

    @Test(
        "is shown by its expression, without keyword, target, colon and comment",
        arguments: [
            ("    loop.close()  # too early", "loop.close()"),
            ("    return loop.run_until_complete(main())", "loop.run_until_complete(main())"),
            ("loop = asyncio.new_event_loop()", "asyncio.new_event_loop()"),
            ("self.loop: Loop = a or b", "a or b"),
            ("total += await one()", "await one()"),
            ("if asyncio.iscoroutinefunction(function):", "asyncio.iscoroutinefunction(function)"),
            ("    with urlopen(url) as reply:", "urlopen(url)"),
            ("async with connection as session:", "connection"),
            ("if a == b:", "a == b"),
            ("call(key=\"a = b\", other=[1, 2])", "call(key=\"a = b\", other=[1, 2])"),
            ("print('# no comment')  # one", "print('# no comment')"),
            ("async def audit(order: str = \"\"):", "async def audit(order: str = \"\"):"),
            ("for user in filter(is_active, [\"in\"]):", "filter(is_active, [\"in\"])"),
            ("@app.get(\"/\")", "@app.get(\"/\")"),
            ("return", "return"), ("", ""), ("   # only a comment", ""), ("'open \\' string", "'open \\' string"),
        ]
    )
    func expressions(_ text: String, _ shown: String) { #expect(marked(text) == shown) }

    @Test("is shown by the one call that is meant")
    func calls() {
        let line = "tasks = [asyncio.ensure_future(audit(order)), other()]"
        #expect(marked(line, "ensure_future") == "asyncio.ensure_future(audit(order))")
        #expect(marked(line, "audit") == "audit(order)")
        #expect(marked(line, "gone", "other") == "other()")
        #expect(marked("a.b[0](x).run(y).z", "run") == "a.b[0](x).run(y)")
        #expect(marked("if is_allowed(user):", "is_allowed") == "is_allowed(user)")
        // Two of them, one in a string, another name, a definition: then it is the whole expression.
        #expect(marked("x = close(a) or close(b)", "close") == "close(a) or close(b)")
        #expect(marked("x = \"close()\"", "close") == "\"close()\"")
        #expect(marked("x = disclose(a)", "close") == "disclose(a)")
        #expect(marked("async def close(self):", "close") == "async def close(self):")
        // It goes on in the next line.
        #expect(marked("return asyncio.run(", "run") == "asyncio.run(")
    }

    @Test("reads the same however it is laid out")
    func normalized() {
        #expect(PythonLine("\t a  =  b(  c )   # why").normalized == "a = b( c )")
        #expect(PythonLine("  async  def  name(x):").definedName == "name")
        #expect(PythonLine("class Name(Base):").definedName == "Name")
        #expect(PythonLine("define = 1").definedName == nil)
        #expect(PythonLine("    x").indentation == 4 && PythonLine("  # c").indentation == nil)
    }
}

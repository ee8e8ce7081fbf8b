import LoopModel
import Testing

@Suite("A source place")
struct SourcePlaceTests {
    @Test("is a module's file, or a cell of a notebook")
    func names() {
        let module = SourcePlace(file: "/a/b.py")
        #expect((module.path, module.cell) == ("/a/b.py", nil))
        let cell = SourcePlace(file: "/a/x.ipynb:cell 1/b.ipynb:cell 12")
        #expect((cell.path, cell.cell) == ("/a/x.ipynb:cell 1/b.ipynb", 12))
        let odd = SourcePlace(file: "/a/b.ipynb:cell x")
        #expect((odd.path, odd.cell) == ("/a/b.ipynb:cell x", nil))
    }

    @Test("numbers the code cells that are not blank")
    func cells() {
        let text = """
            {"cells": [
                {"cell_type": "markdown", "source": ["text"]},
                {"cell_type": "code", "source": []},
                {"cell_type": "code", "source": ["x = 1\\n", "y = 2"]},
                {"cell_type": "code", "source": " \\n"},
                {"cell_type": "code", "source": "z = 3"}
            ]}
            """
        func lines(_ cell: Int) -> [String] { SourcePlace(file: "n.ipynb:cell \(cell)").lines(in: Array(text.utf8)) }
        #expect(lines(1) == ["x = 1", "y = 2"])
        #expect(lines(2) == ["z = 3"])
        #expect(lines(3).isEmpty && lines(0).isEmpty)
        #expect(SourcePlace(file: "n.ipynb:cell 1").lines(in: Array("oops".utf8)).isEmpty)
        #expect(SourcePlace(file: "n.py").lines(in: Array("a\n\nb".utf8)) == ["a", "", "b"])
    }
}

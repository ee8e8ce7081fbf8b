import LoopModel

/// Being written.
struct HTMLRenderer {
    var reader: Reader

    func text(of document: ReportDocument) -> String { document.title }
}

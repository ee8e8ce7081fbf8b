import LoopModel

/// Being written.
struct JSONRenderer {

    func text(of document: ReportDocument) -> String { document.title }
}

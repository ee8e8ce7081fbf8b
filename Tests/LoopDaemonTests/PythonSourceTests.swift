import LoopModel
import Testing

@testable import LoopDaemon

@Suite("Python source")
struct PythonSourceTests {
    @Test("Top-level names are functions, classes and variables, each once, in their order")
    func names() {
        let text = """
            import os
            TIMEOUT = 3
            class Client:
                def method(self): pass
            async def handle(event, context):
                inner = 1
            def helper(): pass
            if TIMEOUT == 3: print()
            handler= make(handle)
            TIMEOUT = 4
            helper()
            x == y
            """
        #expect(PythonSource.topLevelNames(in: text) == ["TIMEOUT", "Client", "handle", "helper", "handler"])
        #expect(PythonSource.topLevelNames(in: "").isEmpty)
        #expect(PythonSource.topLevelNames(in: "api: FastAPI = FastAPI()\ntry: x = 1\nelse: pass") == ["api"])
    }

    @Test("Names taken over from other modules are known by what they are called here")
    func imports() {
        let text = """
            from api import app as main, other  # app
            from .deps import (one, two)
            import os.path, json as j
            if True:
                from here import not_this
            """
        #expect(PythonSource.importedNames(in: text) == ["main", "other", "one", "two", "os.path", "j"])
    }

    @Test(
        "The handler is a function for AWS Lambda, else a web app, else what makes one",
        arguments: [
            ("def handler(a, b): pass\napp = FastAPI()", "handler"),
            ("app = FastAPI()\ndef lambda_handler(a, b): pass", "lambda_handler"),
            ("app = FastAPI()\nhandler = Mangum(app)", "handler"),
            ("application = get_wsgi_application()", "application"),
            ("from api import app", "app"),
            ("client = Client()\napi = fastapi.FastAPI()", "api"),
            ("def create_app(): pass", "create_app()"),
            ("def create_app(): pass\napp = create_app()", "app"),
            ("x = 1", "handler"),
        ]
    )
    func handlers(text: String, name: String) {
        #expect(PythonSource.handlerName(in: text) == name)
    }

    @Test(
        "What makes an app says of which kind it is; the last line counts",
        arguments: [
            ("app = FastAPI(title=1)", HandlerKind.asgi),
            ("app: Flask = flask.Flask(__name__)", .wsgi),
            ("app = falcon.asgi.App()", .asgi),
            ("app = falcon.App()", .wsgi),
            ("app = Flask(__name__)\napp = WsgiToAsgi(app)", .asgi),
            ("app = FastAPI()\napp = Mangum(app)", .lambda),
            ("app = FastAPI()\napp.state.x = Flask(1)", .asgi),
            ("app = FastAPI()\napp = wrapped(app)", .app),
            ("async def app(scope, receive, send):", .asgi),
            ("def app(environ, start_response):", .wsgi),
            ("def app(event, context):", .lambda),
            ("app = factory", .app),
            ("app == FastAPI()", .app),
            ("from api import app", .app),
        ]
    )
    func kinds(text: String, kind: HandlerKind) {
        #expect(PythonSource.kind(of: "app", in: text) == kind)
    }

    @Test("What is called otherwise is a function for AWS Lambda, unless it is seen to be an app")
    func otherNames() {
        #expect(PythonSource.kind(of: "process", in: "def process(event, context): pass") == .lambda)
        #expect(PythonSource.kind(of: "process", in: "process = make()") == .lambda)
        #expect(PythonSource.kind(of: "api", in: "api = FastAPI()") == .asgi)
        #expect(PythonSource.kind(of: "make_app()", in: "def make_app(): pass") == .app)
    }
}

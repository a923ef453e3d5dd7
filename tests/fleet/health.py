"""A service to be asked, on a free loopback port: writes the port to the file PORT of a folder, and answers each GET with the
status that the file STATUS holds (200 without it), or never if that is "hang", and a body that repeats the credentials it got.
Each request's path and Authorization go to the file REQUESTS."""
import http.server
import os
import sys
import time

folder = sys.argv[1]


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(f"{folder}/REQUESTS", "a") as file:
            file.write(f"{self.path} {self.headers.get('Authorization')}\n")
        status = open(f"{folder}/STATUS").read().strip() if os.path.exists(f"{folder}/STATUS") else "200"
        if status == "hang":
            time.sleep(60)
        self.send_response(int(status))
        if status == "302":
            self.send_header("Location", "https://sso.example/login?next=/health")
        self.end_headers()
        self.wfile.write(f"replica lag is 40 s; you said {self.headers.get('Authorization')}".encode())

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health)
with open(f"{folder}/PORT.new", "w") as file:
    file.write(str(server.server_port))
os.rename(f"{folder}/PORT.new", f"{folder}/PORT")
server.serve_forever()

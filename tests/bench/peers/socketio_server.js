// The peer: what most would write. One insert, one fsync, one ack for each message, then to everyone in the room.
const { Server } = require("socket.io");
const [port, file] = process.argv.slice(2);
const db = require("better-sqlite3")(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec("CREATE TABLE messages (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, room TEXT, body TEXT, created_at TEXT)");
db.exec("CREATE INDEX messages_by_room ON messages (room, seq)");
const insert = db.prepare("INSERT INTO messages (id, room, body, created_at) VALUES (?, ?, ?, ?)");
const io = new Server(Number(port), { transports: ["websocket"] });
io.on("connection", (socket) => {
  socket.on("join", (rooms, ack) => { socket.join(rooms); ack(true); });
  socket.on("say", ({ id, room, text }, ack) => {
    const at = new Date().toISOString();
    const seq = Number(insert.run(id, room, text, at).lastInsertRowid);
    io.to(room).emit("message", { id, seq, booking_id: room, message: text, created_at: at });
    ack({ applied: seq });
  });
});
io.httpServer.on("listening", () => console.log("ready"));

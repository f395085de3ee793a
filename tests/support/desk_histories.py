"""Histories of a desk made by chance: the same as a feed and as the state that it leads to."""

from tests.support.desk_builders import ANN, CUSTOMER, booking_row, item, message_row, moment, receipt_row


def random_history(chance):
    """(feed items, rows by table and id) of forty steps."""
    items, state, positions = [], {"bookings": {}, "messages": {}, "receipts": {}}, 0

    def note(table, row, op):
        items.append(item(len(items) + 1, table, row, op))
        state[table][row["id"]] = row

    for _ in range(40):
        known = list(state["bookings"].values())
        what = chance.choice(["booking", "line", "line", "line", "status", "receipt", "remove"])
        if what == "booking" or not known:
            note("bookings", booking_row(f"b{len(known)}"), "insert")
            continue
        booking = chance.choice(known)
        if what == "line":
            positions += 1
            sender = chance.choice(["client", "operator", "system"])
            note("messages", message_row(booking["id"], "x", sender, position=positions), "insert")
        elif what == "status":
            status = chance.choice(["accepted", "deployed", "completed"])
            note("bookings", booking | {"status": status, "version": booking["version"] + 1}, "update")
        elif what == "receipt":
            user, side = chance.choice([(ANN.user_id, "staff"), (CUSTOMER, "customer")])
            row = receipt_row(booking["id"], user, side, chance.randint(0, 30), chance.randint(0, 30))
            note("receipts", row, "update" if row["id"] in state["receipts"] else "insert")
        elif state["messages"]:
            row = chance.choice(list(state["messages"].values()))
            note("messages", row | {"message": "", "deleted_at": moment(99)}, "update")
    return items, state

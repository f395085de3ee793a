"""The item roles through which delegates and screen readers read rows."""

from PySide6.QtCore import Qt

LINE_ROLE = Qt.ItemDataRole.UserRole + 1
"""The row's value: a BookingLine, a ConversationRow, a ViewCount, an OutboxLine."""
ID_ROLE = Qt.ItemDataRole.UserRole + 2
"""The row's own id."""

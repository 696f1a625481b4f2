"""Tables of imports: files between the steps of the wizard."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from storage.metadata import instant, key, metadata, reference, words

MOST_BYTES = 16 * 1024 * 1024

import_file = Table(
    "import_file",
    metadata,
    key(),
    reference("site"),
    words("kind"),
    words("name"),
    Column("content", LargeBinary, nullable=False),
    Column("columns", ARRAY(Text)),
    words("created_by"),
    instant("created_at"),
    instant("expires_at"),
    CheckConstraint(f"octet_length(content) <= {MOST_BYTES}", name="content_size"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index("ix_import_file_expires_at", "expires_at"),
    comment="A file that somebody handed in and has not imported yet; it is seen by nobody else and dropped when it expires.",
)

"""remember views by the quarter of an hour"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('signal_hours', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('quarters', sa.JSON(none_as_null=True), nullable=False, server_default='[]')
        )
    with op.batch_alter_table('signal_hours', schema=None) as batch_op:
        batch_op.alter_column('quarters', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('signal_hours', schema=None) as batch_op:
        batch_op.drop_column('quarters')

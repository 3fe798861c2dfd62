"""remember what carriers took of their offers, and what they brought in time"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('calibrations', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                'carriers', sa.JSON(none_as_null=True), nullable=False, server_default='[]'
            )
        )
    with op.batch_alter_table('calibrations', schema=None) as batch_op:
        batch_op.alter_column('carriers', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('calibrations', schema=None) as batch_op:
        batch_op.drop_column('carriers')

"""remember which products are recalled"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('recalled', sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.alter_column('recalled', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.drop_column('recalled')

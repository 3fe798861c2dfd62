"""remember which parts made forecasts better"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('forecast_accuracy', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parts', sa.JSON(none_as_null=True), nullable=False, server_default='[]'))
    with op.batch_alter_table('forecast_accuracy', schema=None) as batch_op:
        batch_op.alter_column('parts', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('forecast_accuracy', schema=None) as batch_op:
        batch_op.drop_column('parts')

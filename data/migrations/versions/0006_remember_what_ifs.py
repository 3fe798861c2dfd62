"""remember what-ifs"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import data.tables.columns

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.TEXT(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('scenarios',
    sa.Column('id', WORDS, nullable=False),
    sa.Column('name', WORDS, nullable=False),
    sa.Column('kind', WORDS, nullable=False),
    sa.Column('state', WORDS, nullable=False),
    sa.Column('market', WORDS, nullable=True),
    sa.Column('recommendation', WORDS, nullable=True),
    sa.Column('asked_by', WORDS, nullable=False),
    sa.Column('created_at', data.tables.columns.Utc(timezone=True), nullable=False),
    sa.Column('change', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('estimate', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('exact', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('operation', WORDS, nullable=True),
    sa.Column('answered_at', data.tables.columns.Utc(timezone=True), nullable=True),
    sa.Column('promoted_to', WORDS, nullable=True),
    sa.Column('error', WORDS, nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scenarios'))
    )
    with op.batch_alter_table('scenarios', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scenarios_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_scenarios_market'), ['market'], unique=False)
        batch_op.create_index(batch_op.f('ix_scenarios_recommendation'), ['recommendation'], unique=False)
        batch_op.create_index(batch_op.f('ix_scenarios_state'), ['state'], unique=False)


def downgrade() -> None:
    op.drop_table('scenarios')

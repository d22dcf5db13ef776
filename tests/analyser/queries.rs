//! What queries ask, in every form.

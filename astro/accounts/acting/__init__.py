"""Acting as another: an administrator as one of their people, the platform's support as anybody of a store.

Whoever acts *sits down* in the other one's place (`seats`): the session's user and membership are the other one's, and
it remembers whose it really is and where they sat before. It lasts half an hour at most.

Always true: nobody acts as somebody above them, as themselves, or as a third one while acting; on each request both are
still who they were (`standing`), and everything recorded names both (`kit.asking`).
"""

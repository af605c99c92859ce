"""The door for clients of OpenAI's API, at `/v1` (docs/openai-api.md).

`urls` and `views` are the endpoints; `entrance` lets a caller in and gives refusals in OpenAI's shape (`errors`). A request
goes through `wanted` (its fields) and `history` (its messages) to a run; `reading` reads the run's log, `whole` and `chunks`
write it as an answer or as a stream, and `following` ends the run when its client goes. `vectors` embeds texts.
"""
